module "m" {
  source   = "../mod"
  for_each = toset(["one", "two"])
  acl      = "%%=public-read%%"
}
resource "%%=aws%%_kms_key" "k" {}
