"""What the demo's portal and its identity pool are called."""

PORTAL_NAME = "Northlake"
ADMIN_EMAIL = "admin@northlake.example"
POOL_ID = "eu-west-1:6b2f9a1e-4c07-4d55-9f3a-0e8d71c2b946"
DEVELOPER_PROVIDER_NAME = "login.northlake.portal"
