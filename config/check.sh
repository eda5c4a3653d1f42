#!/bin/sh
# What `make check` looks at. Every step runs, so that one run names everything there is to mend.
set -u
failed=""

step() {
    name=$1
    shift
    echo "== $name"
    "$@" || failed="$failed $name"
}

# Nothing here needs a database: the settings are read, and no connection is made.
production() {
    env -u DEBUG \
        BASE_URL=https://portal.example \
        DJANGO_SETTINGS_MODULE=config.settings \
        SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
        SECRETS_KEYS="$(python -c 'import base64, os; print(base64.b64encode(os.urandom(32)).decode())')" \
        DATABASE_URL=postgres://foyer@127.0.0.1:5432/foyer \
        COGNITO_IDENTITY_POOL_ID=eu-west-1:11111111-2222-3333-4444-555555555555 \
        COGNITO_DEVELOPER_PROVIDER_NAME=login.portal.example \
        AWS_REGION=eu-west-1 \
        EMAIL_URL=smtp+tls://mail.portal.example \
        MAIL_FROM=portal@portal.example \
        "$@"
}

step lint ruff check
step format ruff format --check
step types mypy
step layers lint-imports
step spelling typos
step templates sh -c 'git ls-files "*.html" | xargs djade --check --target-version 5.2'
step migrations python -m tests.support.migrations
step settings production python -m django check --deploy --fail-level WARNING

[ -z "$failed" ] || {
    echo "Failed:$failed" >&2
    exit 1
}
