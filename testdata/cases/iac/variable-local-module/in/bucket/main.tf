variable "acl" {
  type    = string
  default = "private"
}

locals {
  acl = var.acl
}

resource "aws_s3_bucket_acl" "this" {
  bucket = "site"
  acl    = local.acl
}
