variable "a" {}
resource "%%=aws%%_x" "a" {
  a = var.a
}
resource "%%=aws%%_x" "b" {
  count = 2
  a     = var.a
}
resource "%%=aws%%_x" "c" {
  a = aws_kms_key.one.arn
}
resource "%%=aws%%_x" "d" {
  a = aws_kms_key.two[0].arn
}
resource "%%=aws%%_kms_key" "one" {}
resource "%%=aws%%_kms_key" "two" {
  count = 1
}
