resource "%%=aws%%_s3_bucket" "b" {
  bucket = "b"
}

resource "%%=aws%%_s3_bucket_acl" "b" {
  bucket = aws_s3_bucket.b.id
  acl    = "%%=public-read%%"
}

resource "%%=aws%%_s3_bucket_public_access_block" "b" {
  bucket             = aws_s3_bucket.b.id
  ignore_public_acls = true
}
