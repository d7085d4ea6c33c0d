"""What every page of the console shares: bounded counts, narrow saves, read-only pages."""

# ruff: noqa: ARG002  the signatures are Django's and those of DetailPage
from __future__ import annotations

from typing import Any, ClassVar, cast

from django.contrib.admin import ShowFacets
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from unfold.admin import ModelAdmin

from console.admin import search
from console.admin.search import Term


class CappedPaginator(Paginator[Any]):
    """Counts COUNT_CAP rows at most, so that a page of a huge table costs as a small one does."""

    COUNT_CAP = 10_000

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Any]", self.object_list)
        return rows.order_by().values("pk")[: self.COUNT_CAP].count()


class ConsoleAdmin(ModelAdmin):  # type: ignore[misc]  # Unfold is untyped
    """A list that stays fast, and a form that writes only what was changed in it."""

    paginator: Any = CappedPaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_per_page = 50
    list_max_show_all = 0
    list_before_template = "console/parts/capped.html"
    ordering: ClassVar[tuple[str, ...]] = ("-id",)
    list_fullwidth = True
    list_filter_sheet = True
    compressed_fields = True

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """Django leaves the full count empty; Unfold would offer to show all of a whole list."""
        changelist = super().get_changelist_instance(request)
        if not (changelist.query or changelist.has_active_filters):
            changelist.full_result_count = changelist.result_count
        return changelist

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: Any) -> None:
        if not change:
            obj.save()
            return
        columns = obj._meta.concrete_fields  # noqa: SLF001  Django's public name
        changed = [column.name for column in columns if column.name in form.changed_data]
        if changed:
            # `auto_now` is not written unless it is named.
            touched = [column.name for column in columns if getattr(column, "auto_now", False)]
            obj.save(update_fields=[*changed, *touched])


class ReadOnlyAdmin(ConsoleAdmin):
    """Records that the console does not edit by hand: others own them, or they are history."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class DetailPage(ReadOnlyAdmin):
    """A read-only record on a page of its own, in place of a greyed-out form.

    The search box understands ids of both sides; Django shows it when `search_fields` is set.
    """

    detail_template: ClassVar[str]
    search_fields = ("pk",)
    sortable_by = ()

    def matches(self, term: Term) -> Q:
        """What the search box and the command palette find for the term."""
        raise NotImplementedError

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search.read(search_term)
        return (queryset.filter(self.matches(term)) if term.text else queryset), False

    def detail_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model.objects.all()
        return rows

    def detail_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        raise NotImplementedError

    def find(self, request: HttpRequest, object_id: str) -> Any:
        """The record, for a caller who may see it.

        Errors: Http404, PermissionDenied.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied(f"You may not see {self.opts.verbose_name_plural}.")
        try:
            return self.detail_queryset(request).get(pk=object_id)
        except (self.model.DoesNotExist, ValidationError, ValueError, OverflowError) as error:
            raise Http404(f"There is no such {self.opts.verbose_name}.") from error

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        obj = self.find(request, object_id)
        request.current_app = self.admin_site.name
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": obj,
            "title": str(obj),
            **self.detail_context(request, obj),
        }
        return TemplateResponse(request, self.detail_template, context)


def page_of(record: Model) -> str:
    """The address of a record's page."""
    opts = record._meta  # noqa: SLF001  Django's public name
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[quote(record.pk)])


def list_of(model: type[Model], query: str = "") -> str:
    """The address of a list, filtered by a query such as `outcome=failed`."""
    opts = model._meta  # noqa: SLF001  Django's public name
    address = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
    return f"{address}?{query}" if query else address
