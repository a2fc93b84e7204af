resource "%%=aws%%_s3_bucket" "b" {
  acl = var.acl
}
