resource "%%=aws%%_kms_key" "k" {
  rotate = true
}
