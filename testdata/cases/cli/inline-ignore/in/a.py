# gatepost: ignore[aws-access-key] a key of the test account, switched off
KEY = "%%aws-key-id%%"
