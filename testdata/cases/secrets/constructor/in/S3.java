class S3 {
  static final AWSCredentials C = new BasicAWSKeys("%%aws-key-id%%",
      "%%aws-secret%%");
}
