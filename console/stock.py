"""Django's admin and form classes, with the type parameters that they lack at run time."""

from typing import TYPE_CHECKING

__all__ = [
    "BaseInlineFormSet",
    "BaseUserCreationForm",
    "ModelAdmin",
    "ModelForm",
    "StackedInline",
    "TabularInline",
]

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin, StackedInline, TabularInline
    from django.contrib.auth.forms import BaseUserCreationForm
    from django.forms import ModelForm
    from django.forms.models import BaseInlineFormSet
else:
    from django import forms
    from django.contrib import admin
    from django.contrib.auth import forms as auth_forms
    from django.forms import models

    def _with_parameters(stock: type) -> type:
        return type(stock)(
            stock.__name__,
            (stock,),
            {"__class_getitem__": classmethod(lambda cls, _: cls), "__module__": __name__},
        )

    ModelAdmin = _with_parameters(admin.ModelAdmin)
    StackedInline = _with_parameters(admin.StackedInline)
    TabularInline = _with_parameters(admin.TabularInline)
    ModelForm = _with_parameters(forms.ModelForm)
    BaseInlineFormSet = _with_parameters(models.BaseInlineFormSet)
    BaseUserCreationForm = _with_parameters(auth_forms.BaseUserCreationForm)
