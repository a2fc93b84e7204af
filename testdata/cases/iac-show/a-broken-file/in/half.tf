resource "aws_s3_bucket" "b" {
  acl = "private"
}
resource "aws_s3_bucket" "c" {
  acl = = "private"
}
