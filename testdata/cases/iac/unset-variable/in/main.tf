variable "acl" {}

resource "aws_s3_bucket_acl" "b" {
  bucket = "b"
  acl    = var.acl
}
