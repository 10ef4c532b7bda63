"""The grammar behind `crm.language.dates`.

`vocabulary`, `festivals` and `typos` say what words mean, `tokens` cuts a text into them, `grammar` matches patterns
of tokens. Two phrases with grammars of their own stand in patterns: `<span>` (`durations`) and `<period>` (`periods`).
`written_days`, `months`, `weeks`, `named_days`, `spans` and `clock` are the patterns, `assembly` puts the pieces of one
moment together, `resolution` says when that is; `calendar` and `lunar` do the arithmetic.
"""
