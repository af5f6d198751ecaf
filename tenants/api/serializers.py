"""What goes in and out of sign-in by API."""

from typing import Any

from rest_framework import serializers


class SignInSerializer(serializers.Serializer[Any]):
    """Who, with which password, for which company."""

    email = serializers.EmailField()
    password = serializers.CharField(trim_whitespace=False, write_only=True, max_length=1024)
    company = serializers.CharField(
        max_length=50, help_text="The company's address, as in `/c/<company>/`."
    )


class RefreshSerializer(serializers.Serializer[Any]):
    """The refresh token of an earlier answer."""

    refresh = serializers.CharField(max_length=4096)


class TokenPairSerializer(serializers.Serializer[Any]):
    """`access` goes into `Authorization: Bearer …` for 15 minutes; `refresh` renews it."""

    access = serializers.CharField()
    refresh = serializers.CharField()
