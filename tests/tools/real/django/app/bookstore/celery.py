import os

from celery import Celery

app = Celery("bookstore", broker=os.environ.get("BROKER"), broker_connection_retry_on_startup=True)


@app.task
def order(title):
    from .models import Book

    Book.objects.create(title=title)
