"""Functions and variables that Salesforce has and this engine refuses, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping

_SAVING = "it compares a record with what it was before a save, and here no record is being saved"
_PAGE = "it draws on a Salesforce page, and here the value of the field is needed"
_SESSION = "it belongs to the session of a person who is logged in to Salesforce"
_REPORT = "it looks at the groups of a Salesforce report"
_ORG = "it reads other rows of the Salesforce org, and a formula here sees one record"

REFUSED: Mapping[str, str] = {
    "CURRENCYRATE": _ORG,
    "FORMAT": _PAGE,
    "GETRECORDIDS": _PAGE,
    "GETSESSIONID": _SESSION,
    "HYPERLINK": _PAGE,
    "IMAGE": _PAGE,
    "IMAGEPROXYURL": _PAGE,
    "INCLUDE": _PAGE,
    "ISCHANGED": _SAVING,
    "ISCLONE": _SAVING,
    "ISNEW": _SAVING,
    "JUNCTIONIDLIST": _ORG,
    "LABEL": _PAGE,
    "LINKTO": _PAGE,
    "PARENTGROUPVAL": _REPORT,
    "PREDICT": _ORG,
    "PREVGROUPVAL": _REPORT,
    "PRIORVALUE": _SAVING,
    "REQUIRESCRIPT": _PAGE,
    "SCONTROLNAME": _PAGE,
    "URLFOR": _PAGE,
    "VLOOKUP": _ORG,
}

REFUSED_VARIABLES: Mapping[str, str] = {
    "$API": _SESSION,
    "$ACTION": _PAGE,
    "$COMPONENT": _PAGE,
    "$CURRENTPAGE": _PAGE,
    "$CUSTOMMETADATA": _ORG,
    "$FLOW": _PAGE,
    "$LABEL": _ORG,
    "$NETWORK": _SESSION,
    "$OBJECTTYPE": _PAGE,
    "$ORGANIZATION": _ORG,
    "$PAGE": _PAGE,
    "$PERMISSION": _SESSION,
    "$PROFILE": _SESSION,
    "$RECORD": _SAVING,
    "$RECORDTYPE": _ORG,
    "$REQUEST": _PAGE,
    "$RESOURCE": _PAGE,
    "$SETUP": _ORG,
    "$SITE": _PAGE,
    "$SYSTEM": "only $System.OriginDateTime is known here",
    "$USER": _SESSION,
    "$USERROLE": _SESSION,
}
