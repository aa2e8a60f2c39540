"""The addresses."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth import views as accounts
from django.contrib.auth.decorators import login_not_required
from django.urls import path, re_path
from django.views.i18n import set_language

from hr_app import views


LOG_IN = accounts.LoginView.as_view(template_name="form.html")
PASSWORD = accounts.PasswordChangeView.as_view(template_name="form.html", success_url="/")
urlpatterns = [
    path("", views.overview, name="overview"),
    re_path(r"^appraisals\.(?P<kind>csv|xlsx)$", views.download, name="table"),
    path("begin/", views.begin, name="begin"),
    path("appraisals/<int:pk>/", views.appraisal, name="appraisal"),
    re_path(
        r"^appraisals/(?P<pk>[0-9]{1,18})/sheet\.(?P<kind>html|pdf|xlsx)$",
        views.sheet_of,
        name="sheet",
    ),
    path("rescore/", views.rescoring, name="rescore"),
    path("login/", LOG_IN, name="login"),
    path("logout/", accounts.LogoutView.as_view(next_page="login"), name="logout"),
    path("password/", PASSWORD, name="password"),
    path("language/", login_not_required(set_language), name="language"),
    path("admin/", admin.site.urls),
]
