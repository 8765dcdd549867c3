import os
from pathlib import Path


def secret(name, default=""):
    path = Path(os.environ.get(f"{name.upper()}_FILE", f"/run/secrets/{name}"))
    return path.read_text().strip() if path.exists() else default


SECRET_KEY = secret("django_secret_key", "a job needs none, but Django asks for one")
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "bookstore.urls"
INSTALLED_APPS = ["bookstore"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.mysql",
        "HOST": "mysql",
        "NAME": os.environ.get("DATABASE"),
        "USER": "bookstore",
        "PASSWORD": secret("mysql_password"),
    }
}
USE_TZ = True
