"""The partner file: every partner as JSON, to keep with other code and to move between portals.

    document    text     -> JSON, where a repeated key is an error
    members     JSON     -> known members of known types, each error by its path
    records     members  -> ``Record``: what the file says of one partner
    plans       records  -> ``Plan``: the rows that would come of it, judged by the rules
    conflicts   plans    -> held against each other and against who is there already
    importing   plans    -> the rows, all or none
    exporting   rows     -> the file

Nothing is written before the whole file has been found good.
"""
