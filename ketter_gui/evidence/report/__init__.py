"""The report of one transfer as a PDF, for people: a client, an insurer, an archive.

content     what a report says, as plain values that whoever asks for one hands in
fonts       our own fonts, a system's for what these lack, and how text is fitted
pages       how it is laid out
chart       the picture of how fast it went
writing     the file and its signature
"""
