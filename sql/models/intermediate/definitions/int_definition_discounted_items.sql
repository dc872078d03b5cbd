-- monthly price of such items after their discounts
{{ discounted_items(ref('int_definition_items'), ref('int_definition_discount_steps')) }}
