"""Other people's data, put into the form that `tasks.apigen` reads.

files       a file or a folder as records: JSON, JSON lines, gzip, Parquet, Arrow
strangers   files that hold no records, known by their first bytes
forms       which form a record has, and who puts it into ours
chats       messages as OpenAI has them, turns as ShareGPT and Hermes have them
tagged      calls, answers, tools and thoughts that stand in tags in the text
literals    values of Python where JSON should stand
xlam        a question, its tools, and the calls that answer it
unread      forms that are known and not read, each with what to do
"""
