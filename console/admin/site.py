"""The admin site that carries the console's pages."""

from unfold.sites import UnfoldAdminSite


class ConsoleSite(UnfoldAdminSite):
    site_header = "Opportunity sync"
    site_title = "Opportunity sync"
    index_title = "Overview"
