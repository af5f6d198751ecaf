from django import forms
from django.template import Context, Template

from core.templatetags import ui


def rendered(text, **context):
    return Template("{% load ui %}" + text).render(Context(context))


def test_filters_are_silent_about_nothing():
    text = "{{ x|phone }}{{ x|clock }}{{ x|ago }}{{ x|day }}{{ x|time_of_day }}{{ x|whatsapp }}"
    assert rendered(text, x=None) == ""


def test_a_hostile_message_stays_text():
    assert rendered("{{ x|whatsapp }}", x="<b>*x*</b>") == ("&lt;b&gt;<strong>x</strong>&lt;/b&gt;")


def test_slices_of_a_bar_follow_each_other():
    parts = [{"value": 1, "tone": "success"}, {"value": 3, "tone": "danger"}]
    assert ui.segments(parts, 8) == [
        {"value": 1, "tone": "success", "x": "0.00", "width": "125.00"},
        {"value": 3, "tone": "danger", "x": "125.00", "width": "375.00"},
    ]
    assert [part["width"] for part in ui.segments(parts, 0)] == ["250.00", "750.00"]
    assert ui.segments([], 0) == []


class ExampleForm(forms.Form):
    name = forms.CharField()
    agree = forms.BooleanField()
    one = forms.ChoiceField(choices=[("a", "A")], widget=forms.RadioSelect)
    many = forms.MultipleChoiceField(choices=[("a", "A")], widget=forms.CheckboxSelectMultiple)


def test_a_control_is_laid_out_by_its_kind():
    form = ExampleForm()
    assert [ui.control_kind(field) for field in form] == ["text", "check", "group", "group"]
    assert 'role="switch"' in ui.as_switch(form["agree"])
