# gatepost: ignore[aws-access-key]
KEY = "%%aws-key-id%%"
