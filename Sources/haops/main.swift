print("haops")
