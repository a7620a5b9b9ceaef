"""Settings from the environment or ``.env``; secrets never appear in a repr."""

from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from crosswalk.errors import ConfigError

CHECKOUT = Path(__file__).resolve().parents[2]


class Settings(BaseSettings):
    """Everything that differs between two installations."""

    model_config = SettingsConfigDict(env_prefix="CROSSWALK_", env_file=".env", extra="ignore")

    home: Path = Field(default=CHECKOUT, description="where mappings/ and expectations/ are")
    database_url: str = Field(default="", description="hub database; default: SQLite under CROSSWALK_HOME/.crosswalk")
    encryption_key: SecretStr | None = Field(
        default=None, description="32 bytes, base64; seals payloads. Default: a key file beside the SQLite database"
    )
    hubspot_base_url: str = Field(default="https://api.hubapi.com")
    hubspot_token: SecretStr | None = Field(default=None, description="private-app token")
    salesforce_instance_url: str = Field(default="", description="https://yourorg.my.salesforce.com")
    salesforce_client_id: str = Field(default="")
    salesforce_client_secret: SecretStr | None = Field(default=None)
    http_timeout: float = Field(default=30.0, gt=0, description="seconds until a vendor call is given up")
    http_backoff: float = Field(default=0.5, ge=0, description="seconds before a failed call is repeated; doubles")
    salesforce_bulk_threshold: int = Field(default=2_000, ge=1, description="rows from which Bulk API 2.0 writes")

    @property
    def state(self) -> Path:
        """The folder for what the hub itself writes: database, key, Data Docs."""
        return self.home / ".crosswalk"

    @property
    def database(self) -> str:
        """SQLAlchemy URL of the hub database."""
        return self.database_url or f"sqlite:///{self.state / 'hub.db'}"

    def need(self, name: str) -> str:
        """Return a setting that the work at hand cannot do without.

        Raises:
            ConfigError: it is not set; names the environment variable.
        """
        value: Any = getattr(self, name)
        text = value.get_secret_value() if isinstance(value, SecretStr) else str(value or "")
        if not text:
            raise ConfigError("is not set (environment or .env)", key=f"CROSSWALK_{name.upper()}")
        return text
