-- monthly price of an item after every discount step: percentages multiply, amounts are spread in proportion, never below zero
{{ discounted_items(ref('int_stripe__item_segments'), ref('int_stripe__discount_steps')) }}
