doveadm acl set -u {{ shared }} INBOX authenticated lookup read write write-seen write-deleted insert expunge
