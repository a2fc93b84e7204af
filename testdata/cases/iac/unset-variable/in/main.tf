variable "acl" {}

resource "%%=aws%%_s3_bucket_acl" "b" {
  bucket = "b"
  acl    = var.acl
}
