variable "acl" {
  default = "%%=public-read%%"
}
variable "name" {}
variable "public" {
  type = bool
}
locals {
  tags = { Team = "data", Long = upper("x") }
}

resource "%%=aws%%_s3_bucket" "logs" {
  bucket = "acme-${var.name}-logs"
  acl    = var.public ? var.acl : "private"
  tags   = local.tags
  kms    = aws_kms_key.k.arn

  versioning {
    enabled = true
  }
}

resource "%%=aws%%_security_group" "web" {
  count = var.public ? 1 : 0
  names = concat(var.name, ["x"])

  ingress {
    from_port   = 22
    cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]
  }
}
