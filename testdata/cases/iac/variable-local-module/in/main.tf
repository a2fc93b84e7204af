locals {
  visibility = "private"
}

module "site" {
  source = "./bucket"
  acl    = "%%=public-read%%"
}
