variable "name" {}
variable "acl" {
  default = "private"
}

resource "%%=aws%%_s3_bucket" "this" {
  bucket = var.name
  acl    = var.acl
  tags   = { Name = var.name }
}
