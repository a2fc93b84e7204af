variable "a" {}
resource "aws_x" "a" {
  a = var.a
}
resource "aws_x" "b" {
  count = 2
  a     = var.a
}
resource "aws_x" "c" {
  a = aws_kms_key.one.arn
}
resource "aws_x" "d" {
  a = aws_kms_key.two[0].arn
}
resource "aws_kms_key" "one" {}
resource "aws_kms_key" "two" {
  count = 1
}
