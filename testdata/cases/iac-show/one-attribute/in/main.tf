resource "aws_s3_bucket" "b" {
  acl = "private"
  rule {
    days = 7
  }
}
resource "aws_s3_bucket" "c" {
  rule {
    days = 8
  }
}
