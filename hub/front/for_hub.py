from hub.front import readings

ALSO = [readings.also]

IMPERSONAL = {"front.Reading"}
