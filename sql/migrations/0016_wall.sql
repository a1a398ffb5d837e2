SET LOCAL search_path = gap;
