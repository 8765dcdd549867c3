import json
import os
from urllib.request import Request, urlopen

from django.http import HttpResponse, JsonResponse
from django.urls import path

from .celery import order
from .models import Book


def healthz(request):
    Book.objects.exists()
    return HttpResponse("ok")


def books(request):
    """All books; a POST orders one, which a worker adds."""
    if request.method == "POST":
        order.delay(request.GET["title"])
        document = json.dumps({"title": request.GET["title"]}).encode()
        url = f"http://opensearch:9200/{os.environ['INDEX']}/_doc/1"
        urlopen(Request(url, document, {"content-type": "application/json"}, method="PUT"), timeout=5)
        return HttpResponse(status=202)
    return JsonResponse({"books": list(Book.objects.values_list("title", flat=True))})


urlpatterns = [path("healthz", healthz), path("books", books)]
