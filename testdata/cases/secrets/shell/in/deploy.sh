#!/bin/sh
set -e
export AWS_ACCESS_KEY_ID=%%aws-key-id%%
export AWS_SECRET_ACCESS_KEY='%%aws-secret%%'
aws s3 sync . s3://bucket
