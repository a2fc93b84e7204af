variable "acl" {
  default = "private"
}
