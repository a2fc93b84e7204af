resource "aws_kms_key" "k" {
  rotate = true
}
