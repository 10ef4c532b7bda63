"""The grammar behind `crm.language.dates`.

`vocabulary` says what words mean, `tokens` cuts a text into them, `grammar` matches patterns of tokens,
`written_days`, `months`, `weeks`, `named_days`, `spans` and `clock` are the patterns, `assembly` puts the
pieces of one moment together, `calendar` does the arithmetic.
"""
