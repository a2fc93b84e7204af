resource "%%=aws%%_kms_key" "k" {}
