"""The judgement: one module per lab, and the facts that they ask."""
