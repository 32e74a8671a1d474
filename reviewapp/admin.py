"""Site administration: users, reviews, seats. No blinded table is registered."""

from django.contrib import admin

from reviewapp.models.people import User
from reviewapp.models.reviews import Review
from reviewapp.models.seats import Seat


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg] # Django takes no argument at run time
    """People with accounts."""

    list_display = ("email", "name", "is_active")
    search_fields = ("email", "name")
    readonly_fields = ("uid", "email", "date_joined")
    exclude = ("groups", "user_permissions", "password", "last_login")

    def has_add_permission(self, request: object) -> bool:
        """People join by invitation."""
        return False

    def has_delete_permission(self, request: object, obj: object | None = None) -> bool:
        """Nobody is deleted; an account is deactivated."""
        return False


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg] # Django takes no argument at run time
    """Shown, never changed: reviews and seats change through audited services only."""

    def has_add_permission(self, request: object) -> bool:
        """Not here."""
        return False

    def has_change_permission(self, request: object, obj: object | None = None) -> bool:
        """Not here."""
        return False

    def has_delete_permission(self, request: object, obj: object | None = None) -> bool:
        """Nothing is deleted."""
        return False


@admin.register(Review)
class ReviewAdmin(ReadOnly):
    """Reviews on this site."""

    list_display = ("title", "made_at", "withdrawn_at")


@admin.register(Seat)
class SeatAdmin(ReadOnly):
    """Who sits where."""

    list_display = ("name", "review", "user", "roles")
