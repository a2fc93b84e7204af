variable "public" {
  type = bool
}

variable "team" {}

module "site" {
  source   = "./modules/bucket"
  for_each = toset(["www", "assets"])
  name     = "acme-${var.team}-${each.key}"
  acl      = var.public ? "authenticated-read" : "private"
}

resource "%%=aws%%_db_instance" "main" {
  username   = "app"
  password   = "not-so-secret-1"
  kms_key_id = aws_kms_key.db.arn
}

resource "%%=aws%%_kms_key" "db" {
  enable_key_rotation = true
}
