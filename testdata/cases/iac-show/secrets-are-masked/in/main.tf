variable "key" {
  default = "%%aws-key-id%%"
}
resource "%%=aws%%_db_instance" "d" {
  user       = "admin"
  password   = "hunter2-hunter2"
  url        = "db://admin:hunter2-hunter2@h"
  secret_arn = "arn:aws:secretsmanager:x"
  script     = "export K=${var.key}"
  env        = { API_TOKEN = "dolphin" }
}
