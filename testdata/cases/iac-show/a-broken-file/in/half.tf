resource "%%=aws%%_s3_bucket" "b" {
  acl = "private"
}
resource "%%=aws%%_s3_bucket" "c" {
  acl = = "private"
}
