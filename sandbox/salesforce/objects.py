"""The objects of the org, field by field (https://developer.salesforce.com/docs: object reference).

`name:type(length or targets)`, `!` for never null, `=` for calculated when read.
"""

from __future__ import annotations

from sandbox.salesforce.schema import SObject, parse_fields

_SYSTEM = (
    "CreatedDate:datetime! CreatedById:reference(User)! LastModifiedDate:datetime! LastModifiedById:reference(User)!"
    " SystemModstamp:datetime!"
)
_DELETED = "IsDeleted:boolean!"
_MONEY = "CurrencyIsoCode:picklist"
_OWNER = "OwnerId:reference(User)!"

_TABLE: tuple[tuple[str, str, str, str], ...] = (
    ("Account", "001", "accounts", f"""{_DELETED} MasterRecordId:reference(Account) Name:string(255)! Type:picklist
        ParentId:reference(Account) BillingAddress:address BillingCountry:string(80) BillingState:string(80)
        BillingCity:string(40) Industry:picklist AnnualRevenue:currency NumberOfEmployees:int Website:url(255)
        Phone:phone(40) {_OWNER} AccountSource:picklist Rating:picklist LastActivityDate:date {_MONEY}
        Stripe_Customer_Id__c:string(40) Segment__c:string(40)= Won_Opportunities__c:double= {_SYSTEM}"""),
    ("Contact", "003", "contacts", f"""{_DELETED} MasterRecordId:reference(Contact) AccountId:reference(Account)
        FirstName:string(40) LastName:string(80)! Name:string(121) Email:email(80) Title:string(128) Phone:phone(40)
        LeadSource:picklist {_OWNER} HasOptedOutOfEmail:boolean! LastActivityDate:date MailingAddress:address
        MailingCountry:string(80) {_MONEY} {_SYSTEM}"""),
    ("Lead", "00Q", "leads", f"""{_DELETED} MasterRecordId:reference(Lead) FirstName:string(40) LastName:string(80)!
        Name:string(121) Company:string(255)! Email:email(80) Title:string(128) Phone:phone(40) Status:picklist!
        LeadSource:picklist Industry:picklist Rating:picklist AnnualRevenue:currency NumberOfEmployees:int Country:string(80)
        OwnerId:reference(User,Group)! IsConverted:boolean! ConvertedDate:date ConvertedAccountId:reference(Account)
        ConvertedContactId:reference(Contact) ConvertedOpportunityId:reference(Opportunity) LastActivityDate:date
        Disqualification_Reason__c:string(80) {_MONEY} {_SYSTEM}"""),
    ("Opportunity", "006", "opportunities", f"""{_DELETED} AccountId:reference(Account) Name:string(120)!
        StageName:picklist! Amount:currency Probability:percent ExpectedRevenue:currency TotalOpportunityQuantity:double
        CloseDate:date! Type:picklist LeadSource:picklist IsClosed:boolean! IsWon:boolean! ForecastCategory:picklist!
        ForecastCategoryName:picklist CampaignId:reference(Campaign) ContactId:reference(Contact) {_OWNER}
        Pricebook2Id:reference(Pricebook2) HasOpportunityLineItem:boolean! FiscalYear:int FiscalQuarter:int Fiscal:string(6)
        LastStageChangeDate:datetime PushCount:int LastActivityDate:date NextStep:string(255) Loss_Reason__c:string(40)
        Won_Reason__c:string(40) Main_Competitor__c:string(80) Partner__c:string(80) Partner_Role__c:string(20)
        {_MONEY} {_SYSTEM}"""),
    ("OpportunityHistory", "008", "opportunity_histories", f"""{_DELETED} OpportunityId:reference(Opportunity)!
        StageName:picklist! Amount:currency Probability:percent ExpectedRevenue:currency CloseDate:date
        ForecastCategory:picklist PrevAmount:currency PrevCloseDate:date {_MONEY} CreatedDate:datetime!
        CreatedById:reference(User)! SystemModstamp:datetime!"""),
    ("OpportunityFieldHistory", "017", "opportunity_field_histories", f"""{_DELETED} OpportunityId:reference(Opportunity)!
        Field:picklist! DataType:picklist OldValue:anyType NewValue:anyType CreatedDate:datetime!
        CreatedById:reference(User)!"""),
    ("OpportunityContactRole", "00K", "opportunity_contact_roles", f"""{_DELETED} OpportunityId:reference(Opportunity)!
        ContactId:reference(Contact)! Role:picklist IsPrimary:boolean! {_MONEY} {_SYSTEM}"""),
    ("OpportunityLineItem", "00k", "opportunity_line_items", f"""{_DELETED} OpportunityId:reference(Opportunity)!
        PricebookEntryId:reference(PricebookEntry) Product2Id:reference(Product2) Name:string(376) Quantity:double!
        UnitPrice:currency TotalPrice:currency ListPrice:currency ServiceDate:date {_MONEY} {_SYSTEM}"""),
    ("OpportunityStage", "01J", "opportunity_stages", f"""MasterLabel:string(255)! ApiName:string(255) IsActive:boolean!
        SortOrder:int IsClosed:boolean! IsWon:boolean! DefaultProbability:percent ForecastCategory:picklist!
        ForecastCategoryName:picklist {_SYSTEM}"""),
    ("Campaign", "701", "campaigns", f"""{_DELETED} Name:string(80)! Type:picklist Status:picklist StartDate:date
        EndDate:date IsActive:boolean! ParentId:reference(Campaign) BudgetedCost:currency ActualCost:currency
        ExpectedRevenue:currency ExpectedResponse:percent NumberSent:double {_OWNER} NumberOfLeads:int=
        NumberOfConvertedLeads:int= NumberOfContacts:int= NumberOfResponses:int= NumberOfOpportunities:int=
        NumberOfWonOpportunities:int= AmountAllOpportunities:currency= AmountWonOpportunities:currency=
        LastActivityDate:date {_MONEY} {_SYSTEM}"""),
    ("CampaignMember", "00v", "campaign_members", f"""CampaignId:reference(Campaign)! LeadId:reference(Lead)
        ContactId:reference(Contact) AccountId:reference(Account) LeadOrContactId:reference(Lead,Contact) Type:string(40)
        Status:picklist HasResponded:boolean! FirstRespondedDate:date {_MONEY} {_SYSTEM}"""),
    ("Task", "00T", "tasks", f"""{_DELETED} WhoId:reference(Contact,Lead) WhatId:reference(Account,Opportunity,Case)
        AccountId:reference(Account) {_OWNER} Subject:string(255) Description:textarea(32000) Status:picklist!
        Priority:picklist! IsClosed:boolean! ActivityDate:date CompletedDateTime:datetime TaskSubtype:picklist
        CallType:picklist CallDurationInSeconds:int CallDisposition:string(255) IsRecurrence:boolean! IsArchived:boolean!
        {_MONEY} {_SYSTEM}"""),
    ("Event", "00U", "events", f"""{_DELETED} WhoId:reference(Contact,Lead) WhatId:reference(Account,Opportunity,Case)
        AccountId:reference(Account) {_OWNER} Subject:string(255) Description:textarea(32000) StartDateTime:datetime
        EndDateTime:datetime ActivityDate:date ActivityDateTime:datetime DurationInMinutes:int IsAllDayEvent:boolean!
        EventSubtype:picklist IsChild:boolean! IsGroupEvent:boolean! IsArchived:boolean! {_MONEY} {_SYSTEM}"""),
    ("Case", "500", "cases", f"""{_DELETED} MasterRecordId:reference(Case) CaseNumber:string(30)! AccountId:reference(Account)
        ContactId:reference(Contact) Subject:string(255) Description:textarea(32000) Status:picklist! Priority:picklist
        Origin:picklist Type:picklist IsClosed:boolean! IsEscalated:boolean! ClosedDate:datetime
        OwnerId:reference(User,Group)! {_MONEY} {_SYSTEM}"""),
    ("CaseHistory", "03c", "case_histories", f"""{_DELETED} CaseId:reference(Case)! Field:picklist! DataType:picklist
        OldValue:anyType NewValue:anyType CreatedDate:datetime! CreatedById:reference(User)!"""),
    ("User", "005", "users", f"""Username:string(80)! Name:string(121)! FirstName:string(40) LastName:string(80)!
        Email:email(128)! IsActive:boolean! UserType:picklist UserRoleId:reference(UserRole) ProfileId:reference(Profile)!
        ManagerId:reference(User) Department:string(80) Division:string(80) Title:string(80) TimeZoneSidKey:picklist!
        {_MONEY} {_SYSTEM}"""),
    ("UserRole", "00E", "user_roles", """Name:string(80)! ParentRoleId:reference(UserRole) DeveloperName:string(80)
        LastModifiedDate:datetime! LastModifiedById:reference(User)! SystemModstamp:datetime!"""),
    ("Profile", "00e", "profiles", f"Name:string(255)! UserType:picklist {_SYSTEM}"),
    ("Product2", "01t", "products", f"""{_DELETED} Name:string(255)! ProductCode:string(255) Description:textarea(4000)
        Family:picklist IsActive:boolean! {_MONEY} {_SYSTEM}"""),
    ("Pricebook2", "01s", "pricebooks", f"{_DELETED} Name:string(255)! IsActive:boolean! IsStandard:boolean! {_SYSTEM}"),
    ("PricebookEntry", "01u", "pricebook_entries", f"""{_DELETED} Name:string(255) Pricebook2Id:reference(Pricebook2)!
        Product2Id:reference(Product2)! UnitPrice:currency! IsActive:boolean! UseStandardPrice:boolean! {_MONEY} {_SYSTEM}"""),
    ("ForecastingQuota", "0J9", "quotas", f"""QuotaOwnerId:reference(User)! StartDate:date! QuotaAmount:currency
        QuotaQuantity:double IsAmount:boolean! IsQuantity:boolean! ForecastingTypeId:string(18) ProductFamily:string(255)
        {_MONEY} {_SYSTEM}"""),
    ("CurrencyType", "01L", "currency_types", f"""IsoCode:picklist! ConversionRate:double! DecimalPlaces:int! IsActive:boolean!
        IsCorporate:boolean! {_SYSTEM}"""),
    ("DatedConversionRate", "04w", "dated_conversion_rates", f"""IsoCode:picklist! StartDate:date! NextStartDate:date
        ConversionRate:double! {_SYSTEM}"""),
    ("Organization", "00D", "organizations", f"""Name:string(80)! DefaultCurrencyIsoCode:picklist TimeZoneSidKey:picklist
        FiscalYearStartMonth:int OrganizationType:picklist InstanceName:string(5) IsSandbox:boolean! LanguageLocaleKey:picklist
        {_SYSTEM}"""),
    ("Group", "00G", "", f"Name:string(40)! Type:picklist! DeveloperName:string(80) {_SYSTEM}"),
)  # fmt: skip

_TRACKED = {"Opportunity": ("StageName", "Amount", "CloseDate", "OwnerId"), "Case": ("Status", "Priority", "OwnerId")}
_CHILDREN = {
    "Account": {"Contacts": ("Contact", "AccountId"), "Opportunities": ("Opportunity", "AccountId")},
    "Opportunity": {
        "OpportunityLineItems": ("OpportunityLineItem", "OpportunityId"),
        "OpportunityContactRoles": ("OpportunityContactRole", "OpportunityId"),
        "OpportunityHistories": ("OpportunityHistory", "OpportunityId"),
        "OpportunityFieldHistories": ("OpportunityFieldHistory", "OpportunityId"),
    },
    "Campaign": {"CampaignMembers": ("CampaignMember", "CampaignId")},
    "Case": {"Histories": ("CaseHistory", "CaseId")},
}
CASCADES = {
    "Account": (("Contact", "AccountId"), ("Opportunity", "AccountId"), ("Case", "AccountId")),
    "Opportunity": tuple(_CHILDREN["Opportunity"].values()),
    "Campaign": (("CampaignMember", "CampaignId"),),
    "Contact": (("CampaignMember", "ContactId"), ("OpportunityContactRole", "ContactId")),
    "Lead": (("CampaignMember", "LeadId"),),
    "Case": (("CaseHistory", "CaseId"),),
}
"""What goes with a record that is deleted: child object and the field that points to the parent."""


def standard_objects() -> dict[str, SObject]:
    """The org's objects by name; each org gets its own, since administrators add and hide fields."""
    return {
        name: SObject(name, prefix, parse_fields("Id:id! " + text), stream, _TRACKED.get(name, ()), _CHILDREN.get(name, {}))
        for name, prefix, stream, text in _TABLE
    }
