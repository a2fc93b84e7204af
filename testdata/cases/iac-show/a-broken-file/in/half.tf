resource "%%=aws_s3%%_bucket" "b" {
  acl = "private"
}
resource "%%=aws_s3%%_bucket" "c" {
  acl = = "private"
}
